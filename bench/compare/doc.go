// Package compare runs the library and the programs that do the same by other means
// against the same server, and says how the library's figures relate to theirs.
//
// A contender is a child process, see package bench/peers. For each cell, a block
// size and a number of reads in flight, all of them connect; in each repetition each
// reads once, alone, while the others are idle, in turns forwards and backwards. What
// is compared are the figures of one repetition with each other; one that was broken off
// is dropped. Bytes are compared with the file's before anything is measured.
package compare
