// Package wire carries Jupyter messages: it reads the connection file, binds
// the five ZeroMQ sockets, and turns frames into messages and back.
//
// # Messages
//
// A message on the wire is a list of frames:
//
//	identity …, "<IDS|MSG>", signature, header, parent header, metadata, content, buffer …
//
// (Jupyter messaging specification 5.5, "The wire protocol"). A [Codec] holds
// the key of a connection; [Codec.Decode] takes frames apart and
// [Codec.Encode] puts them together. Decode trusts nothing: short messages, frames
// that are no JSON object, wrong signatures and repeated messages each give an error that
// [errors.Is] can tell apart, and none of them panics.
//
// # Sockets
//
// [Listen] binds one socket. Its ZeroMQ is github.com/go-zeromq/zmq4 over a
// transport of our own, because zmq4 alone trusts its peers. What the transport adds:
//
//   - A handshake runs in the goroutine of its connection and has two seconds. A peer
//     that connects and says nothing keeps nobody else out, and a handshake that
//     fails closes its descriptor.
//   - What a peer sends reaches zmq4 as whole, checked messages of bounded size.
//     A frame that claims a terabyte allocates nothing.
//   - A reply goes to the connection that the request came from, and not to everyone who
//     has taken its identity.
//   - What is sent to a peer goes through a queue of that peer alone. One that does
//     not read fills its own queue and is dropped when it is full or has not moved for
//     a minute. [Socket.Wait] lets a publisher slow down to the speed of its readers.
//   - Subscriptions are reported, which [Config.Subscribed] uses for iopub_welcome.
//   - Close sends what is queued before it closes.
//   - A socket file left behind by a dead process is replaced; one that is in use is not.
//
// The zero value of every option is a sensible choice.
package wire
