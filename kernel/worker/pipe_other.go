//go:build !linux

package worker

import "os"

func growPipe(*os.File) {}
