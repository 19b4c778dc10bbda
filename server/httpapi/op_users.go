package httpapi

import (
	"context"
	"net/http"
)

type usersOutput struct {
	Body struct {
		Items      []User `json:"items"`
		NextCursor string `json:"next_cursor,omitempty"`
	} `nameHint:"UserList"`
}

type userOutput struct {
	Body User
}

type createUserInput struct {
	Body struct {
		Login    string   `json:"login" minLength:"1" maxLength:"100" pattern:"^[a-zA-Z0-9._@-]+$"`
		Name     string   `json:"name,omitempty" maxLength:"200"`
		Password string   `json:"password" minLength:"8" maxLength:"200"`
		Roles    []string `json:"roles" maxItems:"10" enum:"viewer,participant,support,analyst,developer,admin"`
		Groups   []string `json:"groups,omitempty" maxItems:"100" maxLength:"100" doc:"Whose user tasks the person may do"`
	} `nameHint:"CreateUser"`
}

type updateUserInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Name     *string  `json:"name,omitempty" maxLength:"200"`
		Password *string  `json:"password,omitempty" minLength:"8" maxLength:"200"`
		Roles    []string `json:"roles,omitempty" maxItems:"10" enum:"viewer,participant,support,analyst,developer,admin" doc:"Absent keeps the roles"`
		Groups   []string `json:"groups,omitempty" maxItems:"100" maxLength:"100" doc:"Absent keeps the groups"`
		Locale   *string  `json:"locale,omitempty" enum:"en,ru"`
		Disabled *bool    `json:"disabled,omitempty"`
	} `nameHint:"UpdateUser"`
}

func (a *API) registerUsers() {
	add(a, operation{id: "listUsers", method: http.MethodGet, path: "/users", tag: "users", permission: PermUserManage,
		summary: "List the accounts"}, a.listUsers)
	add(a, operation{id: "createUser", method: http.MethodPost, path: "/users", tag: "users", permission: PermUserManage,
		status: http.StatusCreated, audit: "user.create", maxBody: 16 << 10, summary: "Add an account"}, a.createUser)
	add(a, operation{id: "updateUser", method: http.MethodPatch, path: "/users/{id}", tag: "users", permission: PermUserManage,
		audit: "user.update", maxBody: 16 << 10, summary: "Change an account"}, a.updateUser)
}

func (a *API) listUsers(ctx context.Context, in *Paging) (*usersOutput, error) {
	page, err := a.config.Auth.Users(ctx, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &usersOutput{}
	out.Body.Items, out.Body.NextCursor = list(page.Items), page.NextCursor
	return out, nil
}

func (a *API) createUser(ctx context.Context, in *createUserInput) (*userOutput, error) {
	user, err := a.config.Auth.CreateUser(ctx, CreateUser{Login: in.Body.Login, Name: in.Body.Name, Password: in.Body.Password, Roles: in.Body.Roles, Groups: in.Body.Groups})
	if err != nil {
		return nil, err
	}
	audited(ctx, "user", user.ID, "", map[string]any{"login": user.Login, "roles": user.Roles, "groups": user.Groups})
	return &userOutput{Body: user}, nil
}

func (a *API) updateUser(ctx context.Context, in *updateUserInput) (*userOutput, error) {
	user, err := a.config.Auth.UpdateUser(ctx, UpdateUser{
		ID: in.ID, Name: in.Body.Name, Password: in.Body.Password, Roles: in.Body.Roles, Groups: in.Body.Groups, Locale: in.Body.Locale, Disabled: in.Body.Disabled,
	})
	if err != nil {
		return nil, err
	}
	audited(ctx, "user", user.ID, "", map[string]any{
		"login": user.Login, "roles": user.Roles, "groups": user.Groups, "disabled": user.Disabled, "password_changed": in.Body.Password != nil,
	})
	return &userOutput{Body: user}, nil
}
