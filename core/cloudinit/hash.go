package cloudinit

// HashPassword returns the sha512-crypt hash of a password, for who must keep a
// request but not the password in it. unique, such as a VM's UUID, makes the
// salt and need not be secret.
//
// Errors: [core.Invalid] for control characters or over 256 bytes.
func HashPassword(password, unique string) (string, error) { return hashPassword(password, unique) }
