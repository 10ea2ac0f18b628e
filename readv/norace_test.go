//go:build !race

package readv

const raceEnabled = false
