package httpapi

import "time"

// Me is who the caller is and what it may do.
type Me struct {
	UserID      string   `json:"user_id"`
	Login       string   `json:"login"`
	Name        string   `json:"name"`
	Roles       []string `json:"roles"`
	Groups      []string `json:"groups" doc:"Whose user tasks the caller may do"`
	Permissions []string `json:"permissions" doc:"What the roles give: process.read, definition.edit, …"`
	Locale      string   `json:"locale" doc:"Preferred language, en or ru; empty when never chosen"`
	Version     string   `json:"version" doc:"Of the server"`
	Mode        string   `json:"mode" enum:"dev,serve"`
}

// User is a local account.
type User struct {
	ID        string    `json:"id"`
	Login     string    `json:"login"`
	Name      string    `json:"name"`
	Roles     []string  `json:"roles"`
	Groups    []string  `json:"groups" doc:"Whose user tasks the person may do"`
	Locale    string    `json:"locale,omitempty"`
	Disabled  bool      `json:"disabled"`
	CreatedAt time.Time `json:"created_at"`
}

// Token is an API token without its secret, which only its creation shows.
type Token struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	UserID     string     `json:"user_id"`
	Roles      []string   `json:"roles"`
	Pools      []string   `json:"pools,omitempty" doc:"Of workers' tokens: the pools that it is for; absent: all"`
	CreatedAt  time.Time  `json:"created_at"`
	ExpiresAt  *time.Time `json:"expires_at,omitempty"`
	LastUsedAt *time.Time `json:"last_used_at,omitempty"`
}

// CreatedToken is a new API token with its secret.
type CreatedToken struct {
	Token
	Secret string `json:"token" doc:"The bearer token; it is shown this once"`
}
