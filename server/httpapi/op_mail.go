package httpapi

import (
	"context"
	"net/http"

	"github.com/taskurotta/taskurotta-go/fault"
)

type mailListOutput struct {
	Body struct {
		Items []MailSummary `json:"items"`
	} `nameHint:"MailList"`
}

type mailInput struct {
	ID string `path:"id" maxLength:"64"`
}

type mailOutput struct {
	Body Mail
}

func (a *API) registerMail() {
	add(a, operation{id: "listMail", method: http.MethodGet, path: "/mail", tag: "mail", permission: PermMailRead,
		summary: "List the messages that dev's mail server kept", doc: "404 unless the server runs as dev."}, a.listMail)
	add(a, operation{id: "getMail", method: http.MethodGet, path: "/mail/{id}", tag: "mail", permission: PermMailRead,
		summary: "Read a kept message"}, a.getMail)
}

var errNoMailbox = fault.New(fault.NotFound, "mail.absent", "This server keeps no mail: only dev does.")

func (a *API) listMail(_ context.Context, _ *struct{}) (*mailListOutput, error) {
	if a.config.Mail == nil {
		return nil, errNoMailbox
	}
	out := &mailListOutput{}
	out.Body.Items = list(a.config.Mail.Messages())
	return out, nil
}

func (a *API) getMail(_ context.Context, in *mailInput) (*mailOutput, error) {
	if a.config.Mail == nil {
		return nil, errNoMailbox
	}
	message, found := a.config.Mail.Message(in.ID)
	if !found {
		return nil, fault.New(fault.NotFound, "mail.not_found", "There is no such message.")
	}
	return &mailOutput{Body: message}, nil
}
