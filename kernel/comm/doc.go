// Package comm lets cells exchange messages with code in the page: the comms of the
// Jupyter messaging protocol ("Custom Messages").
//
// A comm is a pair of objects with one identity, one in the session and one in the
// front end. What either sends, the other receives: a JSON object and any number of
// binary buffers.
//
//	c, err := comm.Open("my.target", map[string]any{"hello": 1})
//	c.OnMessage(func(m comm.Message) { fmt.Println(m.Data["x"], len(m.Buffers)) })
//	c.Send(map[string]any{"points": 3}, buffer)
//
// A front end opens one by the name of a target:
//
//	comm.Handle("my.target", func(c *comm.Comm, open comm.Message) {
//		c.OnMessage(func(m comm.Message) { c.Send(m.Data) })
//	})
//
// Package widget is built on comms; most cells want that.
//
// # When functions are called
//
// What is given to [Handle], [Comm.OnMessage] and [Comm.OnClose] is cell code: it is
// called by one goroutine, one call after the other, in the order of the messages,
// and can be interrupted like a cell. What it prints goes to the cell that opened the
// comm; a panic is reported there.
//
// Messages that a front end sends to the shell come between cells. Those that it sends to
// a subshell, as JupyterLab does, come at once: while a cell runs, functions run
// beside it, as one of its goroutines would.
// [Comm.OnArrival] is for compiled code that must not wait for functions of cells.
//
// # How long a comm lives
//
// Until either side closes it, or the session's process ends: a restart or a crash closes
// all comms.
package comm
