/** The metrics for Prometheus, collected at each scrape. */
@NullMarked
package io.tokenguardian.metrics;

import org.jspecify.annotations.NullMarked;
