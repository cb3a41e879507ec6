//! What every backend must do, as tests over an open store. `fixture` makes up what is stored;
//! the files beside it are one topic each.

mod accounts;
mod audit;
mod cluster;
mod crawlers;
mod erasing;
mod faults;
mod fixture;
mod generations;
mod identities;
mod index;
mod ip_lists;
mod journey;
mod kill;
mod lifecycle;
mod lists;
mod logins;
mod members;
mod moving;
mod own_server;
mod removal;
mod requests;
mod retention;
mod second_factor;
mod session_blocks;
mod tenant;
mod tenants;
mod texts;
mod tokens;
mod wall;

pub(crate) use fixture::{On, Place, on_both};
pub(crate) use own_server::OwnServer;
