package sshconn

import (
	"slices"
	"strings"

	"github.com/limiquantix/limiquantix/core"
	"golang.org/x/crypto/ssh"
)

// authenticator chooses the methods of one login: keys once, then a password
// once. Nothing is tried twice: a server counts failures and locks out.
type authenticator struct {
	ids          *identities
	triedKeys    bool
	triedSecret  bool
	promptNeeded *core.Error
	signed       ssh.PublicKey // the last key that signed; nil: none did
}

// next is an [ssh.ClientAuthCallback]. The error that it returns ends the
// handshake and says why the login cannot succeed.
func (a *authenticator) next(ctx *ssh.ClientAuthContext) (ssh.AuthMethod, error) {
	if a.ids.failed != nil {
		return nil, a.ids.failed
	}
	if a.promptNeeded != nil {
		return nil, a.promptNeeded
	}
	allows := func(method string) bool { return slices.Contains(ctx.AllowedMethods, method) }
	if allows("publickey") && !a.triedKeys && len(a.ids.list) > 0 {
		a.triedKeys = true
		signers := make([]ssh.Signer, len(a.ids.list))
		for i, id := range a.ids.list {
			signers[i] = noteSigner(id.signer, func(key ssh.PublicKey) { a.signed = key })
		}
		return ssh.PublicKeys(signers...), nil
	}
	if (allows("password") || allows("keyboard-interactive")) && !a.triedSecret {
		a.triedSecret = true
		subject := a.ids.target.String()
		password, ok := a.ids.cfg.secret("password", subject)
		halfway := len(ctx.PartialSuccessMethods) > 0
		switch {
		case ok && allows("password"):
			return ssh.Password(password), nil
		case ok || halfway && !allows("password"):
			return ssh.KeyboardInteractive(a.answer(password, ok)), nil
		case !a.ids.target.Chosen || halfway:
			return nil, core.Errorf(core.SecretNeeded, "%s asks for a password", subject).
				WithDetail("secret", "password").WithDetail("for", subject).WithDetail("offered", a.offered())
		}
	}
	return nil, a.refused(ctx.AllowedMethods)
}

// answer replies to keyboard-interactive: a single hidden question is the
// password; others, such as a one-time code, are looked up by their text.
func (a *authenticator) answer(password string, hasPassword bool) ssh.KeyboardInteractiveChallenge {
	return func(_, _ string, questions []string, echos []bool) ([]string, error) {
		answers := make([]string, len(questions))
		for i, question := range questions {
			question = strings.TrimSpace(question)
			if answer, ok := a.ids.cfg.secret("prompt", question); ok {
				answers[i] = answer
				continue
			}
			if hasPassword && !echos[i] && len(questions) == 1 {
				answers[i] = password
				hasPassword = false // a second question wants something else
				continue
			}
			a.promptNeeded = core.Errorf(core.SecretNeeded, "%s asks: %s", a.ids.target, core.Escape(question)).
				WithDetail("secret", "prompt").WithDetail("for", question)
			return nil, a.promptNeeded
		}
		return answers, nil
	}
}

func (a *authenticator) offered() string {
	labels := make([]string, len(a.ids.list))
	for i, id := range a.ids.list {
		labels[i] = id.label
	}
	return strings.Join(labels, ", ")
}

// refused is the error of a login that ran out of methods.
func (a *authenticator) refused(allowed []string) *core.Error {
	e := core.Errorf(core.AuthFailed, "%s does not accept this login", a.ids.target).
		WithDetail("address", a.ids.target.Addr()).WithDetail("user", a.ids.target.User).
		WithDetail("offered", a.offered()).WithDetail("methods", strings.Join(allowed, ","))
	switch {
	case len(a.ids.list) == 0 && !a.triedSecret:
		return e.WithHint("there is no key to offer: make one with ssh-keygen, or choose one with --identity")
	case len(a.ids.list) == 0:
		return e.WithHint("the password was not accepted")
	case a.triedSecret:
		return e.WithHint("neither the password nor these keys were accepted: %s", a.offered())
	}
	return e.WithHint("these keys were offered: %s; put one into the host's ~/.ssh/authorized_keys with ssh-copy-id", a.offered())
}

// cutOff is the error of a server that hung up during the login.
func (a *authenticator) cutOff() *core.Error {
	return a.refused(nil).WithHint("the host hung up after too many keys; choose one with --identity. Offered: %s", a.offered())
}
