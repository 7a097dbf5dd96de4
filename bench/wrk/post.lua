-- POST of a config map of 10 KB.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local head = '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"generateName":"bench-"},"data":{"text":"'
wrk.body = head .. string.rep("x", 10240 - #head - 3) .. '"}}'
dofile("report.lua")
