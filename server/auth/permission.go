package auth

import (
	"slices"

	"github.com/taskurotta/taskurotta-go/fault"
)

// Role is what an account or token is used for.
type Role string

// The roles. A worker's tokens have Worker; no account has it.
const (
	Viewer      Role = "viewer"      // looks at processes, definitions and workers
	Participant Role = "participant" // does user tasks of own groups, nothing else
	Support     Role = "support"     // finds and mends processes
	Analyst     Role = "analyst"     // draws, tests and publishes definitions
	Developer   Role = "developer"   // what analyst and support do
	Admin       Role = "admin"       // everything people do
	Worker      Role = "worker"      // inputs and files of tasks, over HTTP
)

// Permission is one thing that a caller may do.
type Permission string

// The permissions.
const (
	ProcessRead       Permission = "process.read"
	ProcessStart      Permission = "process.start"
	ProcessOperate    Permission = "process.operate"
	ProcessDelete     Permission = "process.delete"
	DefinitionRead    Permission = "definition.read"
	DefinitionEdit    Permission = "definition.edit"
	DefinitionPublish Permission = "definition.publish"
	WorkerRead        Permission = "worker.read"
	AuditRead         Permission = "audit.read"
	UserManage        Permission = "user.manage"
	MailRead          Permission = "mail.read"
	AlertRead         Permission = "alert.read"
	AlertManage       Permission = "alert.manage"
	TaskDo            Permission = "task.do" // user tasks of own groups; with process.operate those of everybody
	MessageSend       Permission = "message.send"
	ScheduleManage    Permission = "schedule.manage"
	CalendarManage    Permission = "calendar.manage" // the calendars of working days, which timers of every definition count in
	SecretRead        Permission = "secret.read"     // names and scopes, never values
	SecretManage      Permission = "secret.manage"
	Work              Permission = "work"
)

// permissions says what each role gives; it is the only place that does.
var permissions = map[Role][]Permission{
	Viewer:      {ProcessRead, DefinitionRead, WorkerRead},
	Participant: {TaskDo},
	Support:     {ProcessRead, DefinitionRead, WorkerRead, ProcessStart, ProcessOperate, AuditRead, MailRead, AlertRead, AlertManage, TaskDo, MessageSend, ScheduleManage},
	Analyst:     {ProcessRead, DefinitionRead, WorkerRead, ProcessStart, DefinitionEdit, DefinitionPublish, MailRead, TaskDo, ScheduleManage, SecretRead},
	Developer:   {ProcessRead, DefinitionRead, WorkerRead, ProcessStart, ProcessOperate, DefinitionEdit, DefinitionPublish, AuditRead, MailRead, AlertRead, TaskDo, MessageSend, ScheduleManage, SecretRead},
	Admin:       {ProcessRead, DefinitionRead, WorkerRead, ProcessStart, ProcessOperate, DefinitionEdit, DefinitionPublish, AuditRead, MailRead, UserManage, ProcessDelete, AlertRead, AlertManage, TaskDo, MessageSend, ScheduleManage, CalendarManage, SecretRead, SecretManage},
	Worker:      {Work},
}

// PermissionsOf returns what the roles give together, in a fixed order.
func PermissionsOf(roles []Role) []Permission {
	var all []Permission
	for _, role := range roles {
		all = append(all, permissions[role]...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// May reports whether the identity has a permission.
func (i Identity) May(permission Permission) bool { return slices.Contains(i.Permissions, permission) }

// checkRoles refuses unknown roles and sorts the rest; worker is for tokens alone.
func checkRoles(roles []Role, ofToken bool) ([]Role, error) {
	checked := slices.Clone(roles)
	slices.Sort(checked)
	checked = slices.Compact(checked)
	for _, role := range checked {
		if _, known := permissions[role]; !known || role == Worker && !ofToken {
			return nil, fault.Newf(fault.Invalid, "role.unknown", "There is no role %q for this.", role)
		}
	}
	return checked, nil
}
