package wire

import "net"

// listenPrivately makes a socket file. Who may open it is what the folder says: there are no modes.
func listenPrivately(path string) (net.Listener, error) { return net.Listen("unix", path) }
