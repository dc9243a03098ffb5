// Package history remembers the cells of a user across kernels and restarts, in one file that all
// kernels of that user share.
//
// # Use
//
// A [Store] is one kernel's view: what the file holds, plus the cells that the kernel adds. [Open] never
// fails and never waits for a disk. A goroutine of the store reads the file, writes what is added, and is
// the only one to touch it, so that a disk that is full, read-only or no longer there costs the
// persistence and not the kernel: the cells stay in memory, one sentence says why, and what could not be written
// is tried again with the next cell.
//
// # Sessions and lines
//
// They are numbered as IPython numbers them. Each kernel that starts is a session, one higher than any
// that the file knows; lines are the execution counts of its cells. In requests session 0 is the kernel's
// own and −1 the one before it. The order of cells is that of (session, line), except that the cells of
// the kernel's own session come last, because they are what its user did last.
//
// # File
//
// One line per record:
//
//	CRC SPACE JSON LF
//
// CRC is the CRC-32 (IEEE) of the JSON in eight hexadecimal digits; JSON is an object without line ends:
//
//	{"history":1,"id":"…","session":N}   header, the first line: format 1, a random id, the highest session so far
//	{"session":N,"at":"…"}               a session begins
//	{"session":N,"line":L,"at":"…","input":"…","output":"…"}   a cell; output only if it had a result
//
// Writers append, while they hold an exclusive lock on the file beside it whose name ends in ".lock"; the
// system releases it when a process dies. A process that dies, or a disk that fills, in the middle of a record leaves a
// line that is not finished. The next writer ends it, and readers skip it: a line whose CRC does not agree,
// whatever the reason, costs that line and one sentence in the log. Readers take no lock. They read on from
// where they were, to the last line end.
//
// A file longer than [MaxFile] is replaced, by a rename, by one with the newer half of the cells and another id,
// from which readers learn that they have to begin again. Both files are created with mode 0600, and
// folders with 0700: a history holds whatever somebody typed.
//
// Writes are not synchronised to the disk one by one; when a machine loses its power the last cells may be missing.
package history
