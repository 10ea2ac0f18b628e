//go:build race

package readv

const raceEnabled = true
