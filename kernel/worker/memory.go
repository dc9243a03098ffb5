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

// oomKills returns how many processes the system has killed because memory ran out, in all and in every control
// group; ok is false where that is not to be had, as on systems other than Linux.
func oomKills(read func(string) ([]byte, error)) (n uint64, ok bool) {
	data, err := read("/proc/vmstat")
	if err != nil {
		return 0, false
	}
	_, after, found := bytes.Cut(data, []byte("\noom_kill "))
	if !found {
		return 0, false
	}
	count, _, _ := bytes.Cut(after, []byte("\n"))
	n, err = strconv.ParseUint(string(count), 10, 64)
	return n, err == nil
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
