// Package worker runs the interpreter in a process of its own, and talks to it.
//
// User code can end a Go process in ways that nothing inside the process can
// prevent: a panic in a goroutine, a stack overflow, concurrent map writes, an
// exhausted memory, os.Exit in compiled code. So the process that holds the
// sockets and the notebook never runs user code. It starts a child, the worker,
// and both sides of that relation live here: [Start] and [Worker] are the parent's
// side, [Serve] is the whole main function of the child. When a worker dies, the
// parent learns why in the Go runtime's own words ([Death]) and starts another.
//
// # Connections
//
// Parent and child share one stream socket and two pipes.
//
//   - The socket carries frames both ways. On Unix it is one half of a socket pair,
//     inherited as file descriptor 3. Windows inherits no sockets, so there the parent
//     listens on a loopback port for the one connection that begins with a random
//     token. The environment variable SWINGBY_WORKER says which: "fd:3", or
//     "tcp:ADDRESS:TOKEN". The child removes it before any user code runs.
//   - The pipes are the child's file descriptors 1 and 2. The parent reads them, so
//     whatever reaches them is seen, printed by interpreted code, by compiled code, by
//     the println builtin or by the runtime in its last moments. Nothing is buffered in
//     the child and so nothing is lost when it dies. When the parent reads slowly the
//     pipes fill and the child's writes block: that is the only flow control text needs.
//
// The child's standard input is empty; input travels as frames (see input below).
//
// # Frames
//
// A frame is a length (4 bytes, big endian) and as many bytes of JSON:
//
//	{"type": TYPE, "id": ID, "mark": MARK, "body": {…}}
//
// A frame holds at most 512 MiB ([MaxFrame]). A longer one, a length of zero or a
// frame that is not such an object ends the connection, for then the two sides no
// longer understand each other. Fields that are zero are left out. id pairs a reply
// with its request; each side counts its own requests from 1. mark is explained below.
// Unknown types are ignored.
//
// Parent to child:
//
//	hello        {version, nonce}        the first frame; nonce: 16 bytes in hexadecimal
//	execute      {code, count, parent, silent, user_expressions}
//	interrupt    {}                      id: the execute or comms request to stop
//	complete     {code, cursor}          cursor in code points
//	inspect      {code, cursor, detail}
//	is_complete  {code}
//	manifest     {}                      what the process is and has done, a provenance.Run
//	comms        {parent, beside, messages: [{kind, comm_id, target, data, metadata, buffers, cause}]}
//	input_reply  {value, error, eof}     answers input
//	ack          {count, bytes}          displays and comm frames delivered, for flow control
//	ping         {}                      answered by pong at once
//	shutdown     {}                      exit with status 0
//
// Child to parent:
//
//	ready              {version, pid, go}   the interpreter is warm
//	display            {kind, data, metadata, id, wait, progress}   a display.Event
//	comm               {kind, comm_id, target, data, metadata, buffers, cause, beside}   a comm.Frame
//	text               {text}               printed by a function of a comm beside a cell
//	comms_reply        {}
//	input              {prompt, password}
//	execute_reply      {status, result, error, user_expressions}
//	complete_reply     {matches: [{text, kind, signature}], start, end}
//	inspect_reply      {found, plain, markdown}
//	is_complete_reply  {status, indent}
//	manifest_reply     {program, machine, seeds, …}
//	pong               {}
//
// # Lifecycle
//
// The parent sends hello and may send requests behind it at once; they wait until the
// interpreter has been built, which begins when the process starts. Requests to execute
// are run one after the other. The others are answered at any time, also while a cell
// runs. interrupt cancels the context of the cell; should the cell not end within two
// seconds then a sentence on standard error says so. The child ends when the socket
// reaches its end, so it never outlives its parent, whatever user code is doing.
//
// # Comms
//
// Messages of comms (package comm) reach the interpreter by comms, several at a time, and leave it by comm. What
// must be done at once with one that arrives is done at once, also while a cell runs; the
// functions that cells have set for messages are run like cells, in turn with them, or beside the cell that runs. comms_reply
// follows when they have ended. parent is the request whose output is the place for what they print
// and show. cause comes back in the frames that answer a message. Buffers are base64.
//
// # Order of text and frames
//
// A display must come after the text printed before it and before the text printed
// after it, although they travel by different ways. So for every frame whose place in the
// output matters (display, comm, text, input, execute_reply, comms_reply) the child writes a mark to both
// pipes, then sends the frame with the number of that mark. A mark is a zero byte,
// the 16 bytes of the nonce and the number of the mark in 8 bytes, big endian; numbers count
// up from 1. The parent takes marks out of the text, reads a pipe no further than a
// mark whose frame has not been delivered, and delivers a frame once both pipes
// have reached its mark, have been closed, or have been silent for a second (user code
// may have replaced a descriptor). Text arriving after its cell has ended, from goroutines
// still at work, belongs to the cell that ran last.
//
// Displays are limited in flight, to 64 frames or 64 MiB, by ack. A goroutine that shows more
// waits; the socket stays free for the answers to other requests.
//
// # Death
//
// The child runs with GOTRACEBACK=none (unless the environment sets it) and a stack limit of 512 MB, so the
// runtime's last words are few and come quickly. They arrive on standard error like any text. Text
// that looks like them ("panic: ", "fatal error: ", "runtime: ", …) is held back:
// after 50 ms the parent sends ping, and pong proves that life goes on and
// releases the text. If instead the process ends, with the exit status that the
// runtime uses, the text becomes the Reason and Detail of the Death and is not
// shown as output. Every other end is described by its status: "signal: killed",
// "exit status 3". Whatever was printed before the end is delivered first, then
// all pending and later calls return the *Death.
package worker
