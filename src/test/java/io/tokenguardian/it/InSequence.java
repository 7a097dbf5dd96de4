package io.tokenguardian.it;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The tests of the class run one after the other, beside the tests of other classes. These classes take longest, and so
 * start first. With {@code @Execution(SAME_THREAD)}, no two of these classes would run side by side.
 */
@Order(1)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class) // makes JUnit run the methods, but not the classes, in one thread
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@interface InSequence {}
