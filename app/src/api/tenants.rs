//! The routes of tenants, for whoever looks after all of them.

use gloo_net::http::Request;
use shared::{Page, Tenant, TenantId};
use wasm_bindgen::JsValue;

use super::{Answer, act, body, get, write};

/// All tenants, by name.
pub fn tenants(cursor: Option<&str>) -> impl Future<Output = Answer<Page<Tenant>>> + use<> {
    get("tenants", &[("cursor", cursor)])
}

/// Makes a tenant.
pub fn create_tenant(name: &str) -> impl Future<Output = Answer<Tenant>> + use<> {
    write(Request::post, "tenants", &body(&[("name", name.into())]))
}

/// Gives a tenant another name.
pub fn rename_tenant(id: TenantId, name: &str) -> impl Future<Output = Answer<Tenant>> + use<> {
    change_tenant(id, ("name", name.into()))
}

/// Keeps a tenant's people and tokens out, or lets them in again.
pub fn suspend_tenant(
    id: TenantId,
    suspended: bool,
) -> impl Future<Output = Answer<Tenant>> + use<> {
    change_tenant(id, ("suspended", suspended.into()))
}

fn change_tenant(
    id: TenantId,
    change: (&str, JsValue),
) -> impl Future<Output = Answer<Tenant>> + use<> {
    write(Request::patch, &format!("tenants/{id}"), &body(&[change]))
}

/// Deletes a tenant and everything of it.
pub async fn delete_tenant(id: TenantId, name: &str) -> Answer<()> {
    let name = ("name", name.into());
    act(Request::delete, &format!("tenants/{id}"), &[name]).await
}

/// Where everything of the tenant can be downloaded.
pub fn tenant_export() -> &'static str {
    "/api/v1/tenant/export"
}
