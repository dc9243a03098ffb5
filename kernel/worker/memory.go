package worker

import (
	"bytes"
	"math"
	"os"
	"runtime/debug"
	"strconv"
)

// limitMemory makes the garbage collector work harder before the system's
// memory runs out, unless GOMEMLIMIT says something else: at nine tenths of what there is.
func limitMemory() {
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	if n := memoryLimit(os.ReadFile); n < math.MaxInt64 {
		debug.SetMemoryLimit(n / 10 * 9)
	}
}

// memoryLimit returns the memory this process may use: the machine's or, if
// less, its control group's. It is math.MaxInt64 where neither is to be had, as on systems other than Linux.
func memoryLimit(read func(string) ([]byte, error)) int64 {
	limit := int64(math.MaxInt64)
	if data, err := read("/proc/meminfo"); err == nil { // first line: "MemTotal:  16309012 kB"
		if f := bytes.Fields(data); len(f) > 1 && string(f[0]) == "MemTotal:" {
			if kb, err := strconv.ParseInt(string(f[1]), 10, 64); err == nil && kb > 0 {
				limit = min(limit, kb<<10)
			}
		}
	}
	for _, name := range []string{
		"/sys/fs/cgroup/memory.max",                   // version 2
		"/sys/fs/cgroup/memory/memory.limit_in_bytes", // version 1
	} {
		if data, err := read(name); err == nil {
			if n, err := strconv.ParseInt(string(bytes.TrimSpace(data)), 10, 64); err == nil && n > 0 {
				limit = min(limit, n)
			}
		}
	}
	return limit
}
