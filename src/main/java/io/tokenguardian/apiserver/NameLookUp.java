package io.tokenguardian.apiserver;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Resolves a host name to its addresses, in the order in which they are tried. May block. */
@FunctionalInterface
interface NameLookUp {

    /** The system's, through the JDK, which keeps what it finds for 30 s. */
    NameLookUp SYSTEM = InetAddress::getAllByName;

    InetAddress[] addresses(String host) throws UnknownHostException;
}
