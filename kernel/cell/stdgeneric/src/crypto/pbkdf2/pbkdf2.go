//go:build swingbycell

// Package pbkdf2 derives keys from passwords with PBKDF2, RFC 8018.
package pbkdf2

import (
	"crypto/hmac"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"hash"
)

// Key derives a key of keyLength bytes with HMAC in iter iterations: section 5.2.
func Key[Hash hash.Hash](h func() Hash, password string, salt []byte, iter, keyLength int) ([]byte, error) {
	if keyLength <= 0 {
		return nil, errors.New("pbkdf2: keyLength must be larger than 0")
	}
	mac := hmac.New(func() hash.Hash { return h() }, []byte(password))
	size := mac.Size()
	if int64(keyLength-1)/int64(size) >= 1<<32-1 {
		return nil, errors.New("pbkdf2: keyLength too long")
	}
	var out []byte
	for block := uint32(1); len(out) < keyLength; block++ {
		mac.Reset()
		mac.Write(salt)
		mac.Write(binary.BigEndian.AppendUint32(nil, block))
		u := mac.Sum(nil)
		sum := append([]byte(nil), u...)
		for i := 1; i < iter; i++ {
			mac.Reset()
			mac.Write(u)
			u = mac.Sum(u[:0])
			subtle.XORBytes(sum, sum, u)
		}
		out = append(out, sum...)
	}
	return out[:keyLength], nil
}
