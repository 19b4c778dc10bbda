package httpapi

import (
	"context"
	"slices"
)

// Permission names what a caller may do.
type Permission string

// The permissions. Which roles give which is decided by the port behind Auth.
const (
	PermProcessRead       Permission = "process.read"
	PermProcessStart      Permission = "process.start"
	PermProcessOperate    Permission = "process.operate"
	PermProcessDelete     Permission = "process.delete"
	PermDefinitionRead    Permission = "definition.read"
	PermDefinitionEdit    Permission = "definition.edit"
	PermDefinitionPublish Permission = "definition.publish"
	PermWorkerRead        Permission = "worker.read"
	PermAuditRead         Permission = "audit.read"
	PermUserManage        Permission = "user.manage"
	PermMailRead          Permission = "mail.read"
	PermAlertRead         Permission = "alert.read"
	PermAlertManage       Permission = "alert.manage"
	PermTaskDo            Permission = "task.do" // user tasks of own groups; with process.operate those of everybody
	PermMessageSend       Permission = "message.send"
	PermScheduleManage    Permission = "schedule.manage"
	PermCalendarManage    Permission = "calendar.manage"
	PermSecretRead        Permission = "secret.read" // names and scopes, never values
	PermSecretManage      Permission = "secret.manage"
	PermWork              Permission = "work" // of workers' tokens: inputs and files of tasks
)

// Identity is who makes a request.
type Identity struct {
	UserID      string
	Login       string
	Name        string
	Roles       []string
	Permissions []Permission
	Groups      []string
	Pools       []string // of a worker's token: those that it is for; empty means all
	Locale      string
	Token       bool // an API token acts for the user
}

// May reports whether the identity has a permission.
func (i Identity) May(permission Permission) bool { return slices.Contains(i.Permissions, permission) }

type identityKey struct{}

func withIdentity(ctx context.Context, who Identity) context.Context {
	return context.WithValue(ctx, identityKey{}, who)
}

// caller returns who makes the request; the operation's access rule has let them in.
func caller(ctx context.Context) Identity {
	who, _ := ctx.Value(identityKey{}).(Identity)
	return who
}
