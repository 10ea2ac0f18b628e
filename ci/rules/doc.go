// Package rules holds the tests that keep the repository in shape: which room
// may import which, what a user's program pulls in, and where unsafe may stand.
package rules
