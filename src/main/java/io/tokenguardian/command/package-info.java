/** What the commands of both programs share. */
@NullMarked
package io.tokenguardian.command;

import org.jspecify.annotations.NullMarked;
