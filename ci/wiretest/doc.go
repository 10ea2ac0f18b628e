// Package wiretest holds what the tests of every protocol under xdrwire have
// in common: golden frames ([Golden]) and round trips ([Codec]).
//
// It is for _test.go files only; the rules keep it out of what users link.
package wiretest
