package wire

import (
	"slices"
	"testing"

	"github.com/go-zeromq/zmq4"
)

// A peer that takes the identity of another gets nothing of what the other asked for.
func TestReplyGoesWhereTheRequestCameFrom(t *testing.T) {
	networks(t, func(t *testing.T, at func() *Connection) {
		for _, ch := range []Channel{Shell, Control, Stdin} {
			c := at()
			s := listen(t, c, Config{Channel: ch})
			echo(s)
			client, other := dealer(t, c, ch, "same"), dealer(t, c, ch, "same")
			waitFor(t, "both to be connected", func() bool { return s.Peers() == 2 })
			for _, text := range []string{"one", "two"} {
				client.Send(zmq4.NewMsgString(text))
				if got := recv(t, client); !slices.Equal(got, []string{text}) {
					t.Fatalf("%s: got %q, want %q", ch, got, text)
				}
			}
			// What comes first is its own.
			other.Send(zmq4.NewMsgString("mine"))
			if got := recv(t, other); !slices.Equal(got, []string{"mine"}) {
				t.Errorf("%s: a peer of the same identity got %q", ch, got)
			}
		}
	})
}

// A client whose connection broke gets its replies on the next one, and on stdin what belongs to its requests on shell.
func TestReplyByIdentity(t *testing.T) {
	networks(t, func(t *testing.T, at func() *Connection) {
		c := at()
		shell, stdin := listen(t, c, Config{Channel: Shell}), listen(t, c, Config{Channel: Stdin})
		first, another := dealer(t, c, Shell, "me"), dealer(t, c, Shell, "another")
		first.Send(zmq4.NewMsgString("request"))
		request, err := shell.Recv()
		if err != nil {
			t.Fatal(err)
		}
		input, others := dealer(t, c, Stdin, "me"), dealer(t, c, Stdin, "another")
		waitFor(t, "stdin to be connected", func() bool { return stdin.Peers() == 2 })
		stdin.Send([][]byte{request[0], []byte("prompt")})
		if got := recv(t, input); !slices.Equal(got, []string{"prompt"}) {
			t.Errorf("on stdin: %q", got)
		}
		first.Close()
		waitFor(t, "the client to be gone", func() bool { return shell.Peers() == 1 })
		again := dealer(t, c, Shell, "me")
		again.Send(zmq4.NewMsgString("here I am"))
		if _, err := shell.Recv(); err != nil { // so zmq4 knows it
			t.Fatal(err)
		}
		shell.Send([][]byte{request[0], []byte("reply")})
		if got := recv(t, again); !slices.Equal(got, []string{"reply"}) {
			t.Errorf("after connecting again: %q", got)
		}
		// Those of another identity have got nothing of it, and a connection that is unknown gets nothing.
		shell.Send([][]byte{[]byte(newName("nobody")), []byte("lost")})
		shell.Send([][]byte{[]byte(newName("")), []byte("lost")})
		shell.Send([][]byte{[]byte("short"), []byte("lost")})
		shell.Send([][]byte{[]byte(newName("another")), []byte("yours")})
		stdin.Send([][]byte{[]byte(newName("another")), []byte("yours")})
		for _, z := range []zmq4.Socket{another, others} {
			if got := recv(t, z); !slices.Equal(got, []string{"yours"}) {
				t.Errorf("another got %q", got)
			}
		}
	})
}
