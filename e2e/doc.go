// Package e2e holds no code, only tests that use the product as its users do: the
// built program as processes of its own, on a lab's real hosts.
package e2e
