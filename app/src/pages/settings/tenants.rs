//! The page at `/settings/tenants`, for whoever looks after the whole installation: which tenants
//! there are; making, renaming, suspending and deleting them.

use leptos::prelude::*;
use shared::{Permission, Tenant, TenantId};

use super::frame::SettingsPage;
use super::rows::{Rows, cell, deed, deeds};
use crate::api;
use crate::components::PermittedButton;
use crate::format::{count, day, visible};
use crate::state::confirm::{Question, use_confirmation};
use crate::state::me::use_me;
use crate::state::program::leave_for;
use crate::state::remote::{Meanwhile, use_pages};
use crate::state::sending::{Doing, use_doing, use_sending};
use crate::ui::{Clip, Dialog, Form, Head, Kind, MomentAs, TextField};

const HEADS: [Head; 6] = [
    Head::new("", "Name"),
    Head::new("table__number", "People"),
    Head::new("table__number", "Applications"),
    Head::new("table__number", "Requests"),
    Head::new("", "Since"),
    Head::unseen("", "What can be done"),
];

/// What the rows and the dialog share.
#[derive(Clone, Copy)]
struct Tenants {
    doing: Doing,
    open: RwSignal<bool>,
    /// Which tenant the dialog renames; a new one, if absent.
    renamed: RwSignal<Option<(TenantId, String)>>,
}

impl Tenants {
    fn edit(self, tenant: Option<(TenantId, String)>) {
        self.renamed.set(tenant);
        self.open.set(true);
    }
}

/// The tenants of the installation.
#[component]
pub fn TenantsPage() -> impl IntoView {
    let tenants = Tenants {
        doing: use_doing(),
        open: RwSignal::new(false),
        renamed: RwSignal::new(None),
    };
    provide_context(tenants);
    let actions = view! {
        <PermittedButton
            needs=Permission::TenantsWrite
            label="Make a tenant"
            class="button button--primary"
            on_press=move || tenants.edit(None)
        />
    };
    let title = Signal::derive(move || match &*tenants.renamed.read() {
        Some((_, name)) => format!("Rename {}", visible(name)),
        None => "Make a tenant".to_owned(),
    });
    view! {
        <SettingsPage
            title="Tenants"
            needs=Permission::TenantsRead
            lead="The organisations that this installation serves. None sees anything of another."
            actions=actions.into_any()
        >
            <Table tenants />
        </SettingsPage>
        <Dialog open=tenants.open title>
            {move || editor(tenants)}
        </Dialog>
    }
}

#[component]
fn Table(tenants: Tenants) -> impl IntoView {
    let pages = use_pages(
        Meanwhile::Keep,
        move || tenants.doing.changed.get(),
        |_, cursor| async move { api::tenants(cursor.as_deref()).await },
    );
    view! {
            <Rows
                label="Tenants"
                class="table--settings table--tenants"
                heads=&HEADS
                pages
                key=|tenant| {
                    format!(
                        "{} {} {} {} {} {}",
                        tenant.id,
                        tenant.name,
                        tenant.suspended_at.is_some(),
                        tenant.members,
                        tenant.applications,
                        tenant.requests,
                    )
                }
                row
                nothing="There is no tenant yet."
            />
    }
}

fn row(tenant: Tenant) -> AnyView {
    let tenants: Tenants = expect_context();
    let me = use_me();
    let name = visible(&tenant.name).into_owned();
    let is_own = move || {
        let me = me.who.read();
        me.as_ref().is_some_and(|me| me.tenant.id == tenant.id)
    };
    let suspended = tenant.suspended_at.map(|at| {
        let tip = format!("Since {}", day(at));
        view! { <span class="tag" data-tip=tip>"suspended"</span> }
    });
    let since = tenant.created_at;
    let numbers = [
        ("People", tenant.members),
        ("Applications", tenant.applications),
        ("Requests", tenant.requests),
    ];
    let numbers = numbers.map(|(label, number)| {
        view! {
            <td class="table__number" data-label=label>
                {count(number)}
            </td>
        }
        .into_any()
    });
    let buttons = move || {
        me.may(Permission::TenantsWrite)
            .then(|| tenant_deeds(tenants, &tenant, is_own()))
    };
    view! {
        <tr class="table__row">
            <td class="settings__name">
                <span class="settings__named">
                <Clip text=name />
                {suspended}
                </span>
            </td>
            {numbers.into_iter().collect_view()}
            {cell("Since", view! { <MomentAs at=since format=day /> })} {deeds(buttons)}
        </tr>
    }
    .into_any()
}

/// What can be done with a tenant. Whoever is in it cannot shut themselves out.
fn tenant_deeds(tenants: Tenants, tenant: &Tenant, is_own: bool) -> AnyView {
    let (confirmation, me) = (use_confirmation(), use_me());
    let (id, doing) = (tenant.id, tenants.doing);
    let name = visible(&tenant.name).into_owned();
    let is_suspended = tenant.suspended_at.is_some();
    let raw = tenant.name.clone();
    let rename = move || tenants.edit(Some((id, raw.clone())));
    let rename = deed("Rename", format!("Rename {name}"), rename);
    let others = (!is_own).then(|| {
        let look = move || {
            doing.run(api::switch_tenant(id), |()| leave_for("/settings/people"));
        };
        let look = deed("Look into it", format!("Look into {name}"), look);
        let text = if is_suspended {
            "Let in again"
        } else {
            "Suspend"
        };
        let shown = name.clone();
        let suspend = move || {
            let shown = shown.clone();
            doing.run(api::suspend_tenant(id, !is_suspended), move |_| {
                let said = match is_suspended {
                    true => format!("{shown} is let in again"),
                    false => format!("{shown} is suspended: nobody of it gets in"),
                };
                doing.toasts.offer_undo(said, move || {
                    let back = api::suspend_tenant(id, is_suspended);
                    doing.run_and_say(back, "As it was");
                });
            });
        };
        let suspend = deed(text, format!("{text} {name}"), suspend);
        let (raw, shown) = (tenant.name.clone(), name.clone());
        let lost = format!(
            "Its {} requests in {} applications with all verdicts, its lists, tokens, audit log \
             and the membership of its {} people will be gone for good. An export made before \
             is all that stays.",
            count(tenant.requests),
            count(tenant.applications),
            count(tenant.members),
        );
        let delete = move || {
            let (raw, shown) = (raw.clone(), shown.clone());
            confirmation.ask(Question {
                title: format!("Delete {shown}"),
                text: lost.clone(),
                button: "Delete the tenant",
                typed: Some(shown.clone()),
                act: Callback::new(move |()| {
                    let said = format!("{shown} is deleted");
                    let name = raw.clone();
                    let done = async move { api::delete_tenant(id, &name).await };
                    doing.run(done, move |()| {
                        doing.toasts.show(said);
                        // It may have been one of theirs.
                        me.ask();
                    });
                }),
            });
        };
        let delete = deed("Delete", format!("Delete {name}"), delete);
        [look, suspend, delete].collect_view()
    });
    view! {
        {rename}
        {others}
    }
    .into_any()
}

fn editor(tenants: Tenants) -> AnyView {
    let sending = use_sending();
    let (me, renamed) = (use_me(), tenants.renamed.get_untracked());
    let former = renamed.as_ref().map(|(_, name)| name.clone());
    let name = RwSignal::new(former.unwrap_or_default());
    let id = renamed.map(|(id, _)| id);
    let send = move || {
        let wanted = name.get_untracked();
        let answer = async move {
            match id {
                Some(id) => api::rename_tenant(id, &wanted).await,
                None => api::create_tenant(&wanted).await,
            }
        };
        sending.send(answer, move |tenant| {
            let name = visible(&tenant.name);
            let said = match id {
                Some(_) => format!("It is called {name} now"),
                None => format!("{name} is made: look into it to invite its people"),
            };
            tenants.doing.toasts.show(said);
            tenants.doing.touch();
            tenants.open.set(false);
            me.ask();
        });
    };
    let submit = if id.is_some() { "Rename" } else { "Make it" };
    view! {
        <Form sending submit on_submit=send>
            <TextField label="Name" kind=Kind::Text value=name first=true />
        </Form>
    }
    .into_any()
}
