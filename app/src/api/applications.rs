//! The routes of applications: making and removing them, their settings, what was learned of them,
//! and the jobs that judge them again.

use gloo_net::http::Request;
use shared::{
    Application, ApplicationId, ApplicationSettings, FieldNames, Job, JobId, KeyCandidates,
    KeyPurpose, LearningState, SettingsDetail, SettingsPreview, SettingsSaved,
};
use wasm_bindgen::JsValue;

use super::{Answer, body, get, sent, write};

/// Makes an application without any traffic.
pub fn create_application(name: &str) -> impl Future<Output = Answer<Application>> + use<> {
    write(
        Request::post,
        "applications",
        &body(&[("name", name.into())]),
    )
}

/// Starts demo traffic, or lets it go on.
pub fn start_demo() -> impl Future<Output = Answer<Application>> {
    write(Request::post, "demo", &js_sys::Object::new().into())
}

/// Removes an application whose traffic is made up.
pub async fn remove_application(id: ApplicationId) -> Answer<()> {
    let request = Request::delete(&format!("/api/v1/applications/{id}"));
    sent(request.build()).await.map(drop)
}

/// Brings back an application that was just removed.
pub fn restore_application(id: ApplicationId) -> impl Future<Output = Answer<Application>> {
    let route = format!("applications/{id}/restore");
    write(Request::post, &route, &js_sys::Object::new().into())
}

/// The settings of an application.
pub fn settings(id: ApplicationId) -> impl Future<Output = Answer<SettingsDetail>> {
    get(&format!("applications/{id}/settings"), &[])
}

/// What was learned of an application.
pub fn learning(id: ApplicationId) -> impl Future<Output = Answer<LearningState>> {
    get(&format!("applications/{id}/learning"), &[])
}

/// What an application's settings could name.
pub fn settings_candidates(id: ApplicationId) -> impl Future<Output = Answer<KeyCandidates>> {
    get(&format!("applications/{id}/settings/candidates"), &[])
}

/// What settings would come to.
pub fn settings_preview(
    id: ApplicationId,
    settings: &ApplicationSettings,
) -> impl Future<Output = Answer<SettingsPreview>> {
    let lists = KeyPurpose::ALL.map(|purpose| {
        let sources = settings.list(purpose).iter();
        let sources: Vec<String> = sources.map(ToString::to_string).collect();
        let text = if sources.is_empty() {
            "none".to_owned()
        } else {
            sources.join(",")
        };
        (purpose.as_str(), text)
    });
    let params = lists.each_ref().map(|(name, list)| (*name, Some(&**list)));
    get(&format!("applications/{id}/settings/preview"), &params)
}

/// Sets an application.
pub fn save_settings(
    id: ApplicationId,
    settings: &ApplicationSettings,
) -> impl Future<Output = Answer<SettingsSaved>> + use<> {
    let body = js_sys::Object::new();
    for purpose in KeyPurpose::ALL {
        let sources = settings.list(purpose).iter();
        let list: js_sys::Array = sources
            .map(|source| JsValue::from(source.to_string()))
            .collect();
        // A plain object takes every name.
        let _ = js_sys::Reflect::set(&body, &purpose.as_str().into(), &list);
    }
    write(Request::put, &format!("applications/{id}/settings"), &body)
}

/// What the fields of what is sent for an application are called.
pub fn field_names(id: ApplicationId) -> impl Future<Output = Answer<FieldNames>> {
    get(&format!("applications/{id}/fields"), &[])
}

/// Sets what they are called.
pub fn save_field_names(
    id: ApplicationId,
    map: &str,
) -> impl Future<Output = Answer<FieldNames>> + use<> {
    write(
        Request::put,
        &format!("applications/{id}/fields"),
        &body(&[("map", map.into())]),
    )
}

/// How a job stands.
pub fn job(id: JobId) -> impl Future<Output = Answer<Job>> {
    get(&format!("jobs/{id}"), &[])
}
