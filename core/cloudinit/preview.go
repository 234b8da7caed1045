package cloudinit

import (
	"bytes"

	"github.com/limiquantix/limiquantix/core"
)

// unknown stands in a preview for what is made with the VM: its UUID.
const unknown = "00000000-0000-0000-0000-000000000000"

// Preview makes the files that [Render] would, for people to look at: the
// user's password, plain or hashed, is "***", and the instance id is zeros.
// c.InstanceID need not be set. What the user's own UserData holds is shown.
//
// Errors: as Render, in every case in which that would fail.
func Preview(c Config) (Seed, error) {
	c.InstanceID = unknown
	var refused error
	if c.Password != "" && c.PasswordHash == "" {
		hash, err := hashPassword(c.Password, unknown)
		c.Password, c.PasswordHash, refused = "", hash, core.InField(err, "password")
	}
	seed, err := Render(c)
	if err := core.All(refused, err); err != nil {
		return Seed{}, err
	}
	if c.PasswordHash != "" {
		seed.UserData = bytes.ReplaceAll(seed.UserData, []byte(c.PasswordHash), []byte("***"))
	}
	return seed, nil
}
