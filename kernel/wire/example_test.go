package wire_test

import (
	"encoding/json"
	"errors"
	"fmt"

	"swingby/kernel/wire"
)

// A message is signed with the key of the connection; whoever has another key is not listened to.
func ExampleCodec() {
	client, kernel := wire.NewCodec("key"), wire.NewCodec("key")
	frames, err := client.Encode(&wire.Message{
		Header:  wire.Header{MsgType: "execute_request"},
		Content: json.RawMessage(`{"code": "1 + 1"}`),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := kernel.Decode(frames)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Header.MsgType, string(m.Content))

	_, err = kernel.Decode(frames)
	fmt.Println(errors.Is(err, wire.ErrReplay))
	_, err = wire.NewCodec("another key").Decode(frames)
	fmt.Println(errors.Is(err, wire.ErrSignature))
	// Output:
	// execute_request {"code": "1 + 1"}
	// true
	// true
}

// The errors of a connection file say what to do.
func ExampleParseConnection() {
	_, err := wire.ParseConnection([]byte(`{"transport": "udp"}`))
	fmt.Println(err)
	// Output:
	// transport "udp" is not supported; set it to "tcp" or "ipc"
}
