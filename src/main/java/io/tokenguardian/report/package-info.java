/**
 * What the guardian tells about itself: the status as JSON, for people and programs. Only reads; decides nothing.
 */
@NullMarked
package io.tokenguardian.report;

import org.jspecify.annotations.NullMarked;
