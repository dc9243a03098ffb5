// Package kernel is the process that Jupyter starts: it owns the five sockets of a kernel,
// speaks the Jupyter messaging protocol 5.5 on them, and has cells run by a worker.
//
// # Two processes
//
// [Run] never runs user code. A worker, a child process of package worker, does. So nothing that a
// cell does can keep the kernel from answering: a loop that never ends, a stack
// overflow, a hundred megabytes of output. When the worker dies the cell shows why in Go's own
// words, a new worker starts at once, and one line says which cells to run again.
//
// # Goroutines
//
// Each concern has its own, and none waits for another's peer:
//
//	heartbeat   echoes
//	control     answers interrupt, shutdown and kernel_info, also while a cell runs
//	shell       reads requests into bounded queues: its own, and one for each subshell
//	executor    takes requests from a queue, one after the other; a cell waits for its turn
//	stdin       takes what the user typed to the cell that waits for it
//	output      a worker's goroutine, brings what cells print and show to the publisher
//	keeper      waits for the worker to die, and starts the next
//
// # Output
//
// All of iopub goes through one publisher (publisher.go), in order. It collects printed text for 20 ms into one
// message, and sends what it has before anything else that it publishes. Output, and only output, waits
// for readers that are slower than the cell: the worker's pipes fill, and the cell waits in turn.
// Nothing is cut, and memory stays bounded. Status and replies never wait. A reader that stops is not waited for;
// when it has left too much unread it is dropped, and when it comes back a line on stderr says how much it has missed.
//
// # What a request may look like
//
// Anything. A message that is not signed, or repeated, or no message at all, is logged and
// dropped. A request with a field of the wrong type gets an error as reply. Types of messages nobody
// has heard of are logged and dropped. Every other request is surrounded by busy and idle, on
// either channel.
package kernel
