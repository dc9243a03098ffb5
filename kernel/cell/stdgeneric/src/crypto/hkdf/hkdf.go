//go:build swingbycell

// Package hkdf derives keys with HKDF, RFC 5869.
package hkdf

import (
	"crypto/hmac"
	"errors"
	"hash"
)

// Extract makes a pseudorandom key from a secret and an optional salt: section 2.2.
func Extract[H hash.Hash](h func() H, secret, salt []byte) ([]byte, error) {
	// A missing salt is HashLen zeros, to which HMAC fills up an empty key.
	mac := hmac.New(func() hash.Hash { return h() }, salt)
	mac.Write(secret)
	return mac.Sum(nil), nil
}

// Expand makes a key of keyLength bytes, no more than 255 times the length of
// the hash, from a pseudorandom key and the context it is for: section 2.3.
func Expand[H hash.Hash](h func() H, pseudorandomKey []byte, info string, keyLength int) ([]byte, error) {
	mac := hmac.New(func() hash.Hash { return h() }, pseudorandomKey)
	if keyLength > 255*mac.Size() {
		return nil, errors.New("hkdf: requested key length too large")
	}
	out := make([]byte, 0, keyLength)
	var block []byte
	for i := 1; len(out) < keyLength; i++ {
		mac.Reset()
		mac.Write(block)
		mac.Write([]byte(info))
		mac.Write([]byte{byte(i)})
		block = mac.Sum(nil)
		out = append(out, block...)
	}
	return out[:keyLength], nil
}

// Key extracts a pseudorandom key and expands it.
func Key[Hash hash.Hash](h func() Hash, secret, salt []byte, info string, keyLength int) ([]byte, error) {
	key, err := Extract(h, secret, salt)
	if err != nil {
		return nil, err
	}
	return Expand(h, key, info, keyLength)
}
