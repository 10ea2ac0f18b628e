// Package jobs reads job files as fio has them, so that what storage people measure
// with can be brought along. It takes a part of fio's keys, with fio's own meaning,
// and refuses the rest by name: a file that is accepted is measured as it is written.
//
// # Form
//
// A line is [section], key=value, a key alone, or nothing; what follows a ; or # on a
// line is a comment, wherever it stands. Each section is a job, and several may have
// the same name; [global] is none, but sets what the sections after it start from,
// and there may be several, each adding to those before. Of a key that is given twice
// the last counts. Spaces around the = are not part of the value (fio misreads
// numbers behind one).
//
// Sizes are whole numbers with k, m, g, t or p, powers of 1024 in either case, also
// written kb, mb and so on; KiB, MiB and so on are powers of 1000, which is what fio
// takes them for. Times are whole numbers with us, ms, s, m, h or d.
//
// # Keys
//
//	rw, readwrite          read (in order, the default) or randread
//	norandommap            randread may hit a block again; without, it reads each once
//	bs, blocksize          4k if not given; behind a comma is what writes would use
//	bsrange,               least-most, or least:most: each read has a size of its own,
//	blocksize_range        a multiple of the least one or the most
//	iodepth                reads in flight, 1 if not given
//	filename               files, separated by :, which \: keeps. They are relative to
//	                       the URL, or are themselves URLs, gluster://… or nfs://…,
//	                       and then need no \. One block is read from each in turn.
//	                       Without it the job has the files of the URL in turn
//	size                   bytes to read, from all files together, a share from the
//	                       start of each; all of each if not given. What is left at the
//	                       end and shorter than a block (the least one) is not read.
//	                       fio would make a smaller file longer: here it is read to
//	                       its end
//	numjobs                so many of the job at once, each with a depth, a size and an
//	                       order of its own, on the same files
//	runtime, timeout       the job ends then, even if it has not read its size;
//	                       seconds without a suffix
//	time_based             the job goes on until its runtime is over: it begins anew
//	                       when it has read its size
//	ramp_time              reads made so long before measuring begins, and not counted;
//	                       the longest of all jobs counts, and all begin anew after it.
//	                       Seconds without a suffix
//	thinktime              pause when a read has ended; microseconds without a suffix.
//	                       No other read is in flight meanwhile
//	thinktime_blocks       reads between two pauses, 1 if not given
//	rate_iops              reads per second, due at regular times
//	ioengine               gfapi, gfapi_async: volume= and brick= say which volume is
//	                       read; nfs: nfs_url= says which directory. They count if the
//	                       command line names no URL. Others are ignored
//	volume, brick, nfs_url see there
//	name                   another name for the job than its section's
//	description            shown
//
// Ignored, and reported so, are keys that change nothing about how remote files are
// read ([File.Ignored]), such as direct and group_reporting.
package jobs
