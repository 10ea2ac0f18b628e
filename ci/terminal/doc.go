// Package terminal gives tests a pseudo-terminal to run programs on.
package terminal
