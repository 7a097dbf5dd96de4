package io.tokenguardian.apiserver;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Resolves a host name to its addresses, in the order in which they should be tried. May block. */
@FunctionalInterface
interface NameLookUp {

    /** The system's resolver, called through the JDK, which caches the addresses of a name for 30 s. */
    NameLookUp SYSTEM = InetAddress::getAllByName;

    InetAddress[] addresses(String host) throws UnknownHostException;
}
