//! `GET /address-lists`.

use shared::{AddressList, Page};

use crate::http::error::ApiError;
use crate::http::fields::NoParams;
use crate::http::reply::List;
use crate::http::route::Context;

/// All of them on one page: there are a few dozen.
pub(in crate::http) async fn list(
    context: Context,
    _: NoParams,
) -> Result<List<AddressList>, ApiError> {
    Ok(List(Page {
        items: context.store.addresses().lists().to_vec(),
        next_cursor: None,
    }))
}
