// Package module finds, fetches and keeps modules as the go command does, for
// machines that need not have one.
//
// A [Client] asks the proxies of GOPROXY, checks what it gets against the
// checksum database, and keeps it in the go command's own module cache, so that each
// finds what the other has fetched; what is there needs no network. It honours
// GOPROXY, GONOPROXY, GOSUMDB, GONOSUMDB, GOPRIVATE, GOMODCACHE, GOPATH, NETRC and the file
// that go env -w writes. It does not talk to version control: a module that
// no proxy serves must be in the cache already.
//
// [Client.Select] chooses versions for a set of modules by minimal version
// selection, with the pruning that go.mod files of Go 1.17 and later allow. The
// [List] it returns finds packages and the files that belong to them, by
// build constraints and without cgo.
package module
