/**
 * What all commands of both programs share: how they print and fail, their exit codes, {@code help} and
 * {@code version}.
 */
@NullMarked
package io.tokenguardian.command;

import org.jspecify.annotations.NullMarked;
