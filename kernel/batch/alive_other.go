//go:build !unix

package batch

import "os"

// alive reports whether there is a process; where signals cannot tell, finding it does.
func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	_ = p.Release()
	return true
}
