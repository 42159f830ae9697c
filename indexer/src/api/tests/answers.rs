//! Whether an answer is one of those that the document speaks of.

use boon::{Compiler, Draft, Schemas};
use reqwest::Method;
use serde_json::Value;

use super::super::routes;

const NAME: &str = "http://interdict.invalid/openapi.json";

/// The document, to compare answers with.
pub(super) struct Document(pub(super) Value);

impl Document {
    pub(super) fn read() -> Self {
        Self(serde_json::to_value(routes::document()).unwrap())
    }

    /// Compares an answer; its body, if it has one that ends.
    pub(super) async fn compare(
        &self,
        method: &Method,
        path: &str,
        answer: reqwest::Response,
    ) -> Value {
        let status = answer.status().as_u16().to_string();
        let name = method.as_str().to_ascii_lowercase();
        let operation = &self.0["paths"][path][&name];
        let described = &operation["responses"][&status];
        assert!(described.is_object(), "{method} {path} answers {status}, which is not described");
        let kind = answer.headers().get("content-type").map(|kind| kind.to_str().unwrap());
        let kind = kind.map(|kind| kind.split(';').next().unwrap().to_owned());
        let Some(contents) = described["content"].as_object() else {
            assert!(kind.is_none(), "{method} {path} {status} has a body, which is not described");
            return Value::Null;
        };
        let kind = kind.unwrap_or_else(|| panic!("{method} {path} {status} has no body"));
        let is_of = |described: &String| described.split(';').next() == Some(&*kind);
        assert!(contents.keys().any(is_of), "{method} {path} {status} is {kind}");
        if kind != "application/json" {
            return Value::Null;
        }
        let body: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        if contents[&kind].get("schema").is_some() {
            let step = |text: &str| text.replace('~', "~0").replace('/', "~1");
            let pointer = format!(
                "{NAME}#/paths/{}/{name}/responses/{status}/content/{}/schema",
                step(path).replace('{', "%7B").replace('}', "%7D"),
                step(&kind)
            );
            let mut compiler = Compiler::new();
            compiler.set_default_draft(Draft::V2020_12);
            compiler.add_resource(NAME, self.0.clone()).unwrap();
            let mut schemas = Schemas::new();
            let schema = compiler.compile(&pointer, &mut schemas).unwrap();
            if let Err(error) = schemas.validate(&body, schema) {
                panic!("{method} {path} {status}: {error:#}\n{body:#}");
            }
        }
        body
    }
}
