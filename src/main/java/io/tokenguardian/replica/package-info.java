/**
 * What the API server's replicas show about tokens, and how many connections a search for a replica opens. Pure: no
 * clock, no thread and no connection.
 */
@NullMarked
package io.tokenguardian.replica;

import org.jspecify.annotations.NullMarked;
