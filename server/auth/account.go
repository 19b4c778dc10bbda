package auth

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/taskurotta/taskurotta-go/fault"
)

// NewAccount is what an account begins with. Without a password only one-time tokens sign in.
type NewAccount struct {
	Login    string
	Name     string
	Password string
	Roles    []Role
	Groups   []string
}

// ChangeAccount says what to change; nil members stay.
type ChangeAccount struct {
	ID       string
	Name     *string
	Password *string
	Roles    []Role
	Groups   []string
	Locale   *string
	Disabled *bool
}

// CreateAccount adds an account.
func (s *Service) CreateAccount(ctx context.Context, command NewAccount) (Account, error) {
	login := strings.ToLower(strings.TrimSpace(command.Login))
	if login == "" || utf8.RuneCountInString(login) > 100 {
		return Account{}, fault.New(fault.Invalid, "user.login", "A login has 1 to 100 characters.")
	}
	roles, err := checkRoles(command.Roles, false)
	if err != nil {
		return Account{}, err
	}
	groups, err := checkGroups(command.Groups)
	if err != nil {
		return Account{}, err
	}
	account := Account{ID: uuid.Must(uuid.NewV7()).String(), Login: login, Name: strings.TrimSpace(command.Name), Roles: roles, Groups: groups, CreatedAt: s.config.Clock().UTC()}
	if command.Password != "" {
		if account.PasswordHash, err = s.hashPassword(ctx, command.Password); err != nil {
			return Account{}, err
		}
	}
	err = s.config.Store.CreateAccount(ctx, account)
	if errors.Is(err, ErrTaken) {
		return Account{}, fault.Newf(fault.Conflict, "user.taken", "The login %q is taken.", login)
	}
	return account, stored(err)
}

// EnsureAccount returns the account of a login, made without a password when there is none.
func (s *Service) EnsureAccount(ctx context.Context, login, name string, roles []Role) (Account, error) {
	account, err := s.config.Store.AccountByLogin(ctx, login)
	if !errors.Is(err, ErrNotFound) {
		return account, stored(err)
	}
	account, err = s.CreateAccount(ctx, NewAccount{Login: login, Name: name, Roles: roles})
	if fault.Is(err, fault.Conflict) { // another server was quicker
		account, err = s.config.Store.AccountByLogin(ctx, login)
	}
	return account, stored(err)
}

// IdentityOf returns an account by its login, for commands of whoever has the database's address.
func (s *Service) IdentityOf(ctx context.Context, login string) (Identity, error) {
	account, err := s.config.Store.AccountByLogin(ctx, strings.ToLower(strings.TrimSpace(login)))
	if errors.Is(err, ErrNotFound) {
		return Identity{}, errNoAccount
	}
	return account.identity(account.Roles), stored(err)
}

// Accounts returns a page of accounts by login, and where the next begins.
func (s *Service) Accounts(ctx context.Context, cursor string, limit int) ([]Account, string, error) {
	accounts, err := s.config.Store.Accounts(ctx, cursor, limit+1)
	if err != nil {
		return nil, "", stored(err)
	}
	if len(accounts) > limit {
		return accounts[:limit], accounts[limit-1].Login, nil
	}
	return accounts, "", nil
}

// UpdateAccount changes an account. A new password or disabling it ends its sessions.
func (s *Service) UpdateAccount(ctx context.Context, command ChangeAccount) (Account, error) {
	if uuid.Validate(command.ID) != nil {
		return Account{}, errNoAccount
	}
	change := AccountChange{Name: command.Name, Locale: command.Locale, Disabled: command.Disabled}
	if command.Roles != nil {
		roles, err := checkRoles(command.Roles, false)
		if err != nil {
			return Account{}, err
		}
		change.Roles = roles
	}
	if command.Groups != nil {
		groups, err := checkGroups(command.Groups)
		if err != nil {
			return Account{}, err
		}
		change.Groups = groups
	}
	if command.Locale != nil && *command.Locale != "" && *command.Locale != "en" && *command.Locale != "ru" {
		return Account{}, fault.New(fault.Invalid, "user.locale", "The language is en or ru.")
	}
	if command.Password != nil {
		hash, err := s.hashPassword(ctx, *command.Password)
		if err != nil {
			return Account{}, err
		}
		change.PasswordHash = &hash
	}
	account, err := s.config.Store.UpdateAccount(ctx, command.ID, change)
	s.known.forget()
	switch {
	case errors.Is(err, ErrNotFound):
		return Account{}, errNoAccount
	case errors.Is(err, ErrLastAdmin):
		return Account{}, fault.New(fault.Conflict, "user.last_admin", "Somebody must stay who manages users.")
	}
	return account, stored(err)
}

var errNoAccount = fault.New(fault.NotFound, "user.not_found", "There is no such user.")

func (a Account) identity(roles []Role) Identity {
	return Identity{UserID: a.ID, Login: a.Login, Name: a.Name, Roles: roles, Permissions: PermissionsOf(roles), Groups: a.Groups, Locale: a.Locale}
}

// maxGroups is how many groups a person is in at most.
const maxGroups = 100

// checkGroups sorts groups and refuses names that are none.
func checkGroups(groups []string) ([]string, error) {
	checked := make([]string, 0, len(groups))
	for _, group := range groups {
		group = strings.TrimSpace(group)
		if n := utf8.RuneCountInString(group); n == 0 || n > 100 {
			return nil, fault.New(fault.Invalid, "user.group", "A group's name has 1 to 100 characters.")
		}
		checked = append(checked, group)
	}
	slices.Sort(checked)
	checked = slices.Compact(checked)
	if len(checked) > maxGroups {
		return nil, fault.Newf(fault.Invalid, "user.groups", "A person is in at most %d groups.", maxGroups)
	}
	return checked, nil
}
