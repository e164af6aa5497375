//! The text of `keepalived.data`: objects with one blank before them, fields with three, items of a field with five.

/// A whole dump.
#[derive(Debug, Default)]
pub(super) struct Dump {
    pub(super) objects: Vec<Object>,
}

/// What stands below one line such as ` VRRP Instance = WEB`.
#[derive(Debug, Default)]
pub(super) struct Object {
    /// What stands before the `=`.
    pub(super) kind: String,
    /// What stands after it.
    pub(super) name: String,
    pub(super) fields: Vec<Field>,
}

/// A line of an object.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) key: String,
    /// What stands behind the key, then its items.
    pub(super) values: Vec<String>,
}

/// Fields without `=` or `:` whose value follows a blank.
const SPACED: &[&str] = &["Multicast address", "Default script uid:gid"];

impl Dump {
    pub(super) fn parse(text: &str) -> Self {
        let mut dump = Self::default();
        for line in text.lines() {
            let depth = line.len() - line.trim_start_matches(' ').len();
            let content = line.trim();
            match (depth, dump.objects.last_mut()) {
                (0, _) => dump.objects.push(Object::section(content)),
                (1, _) => dump.objects.push(Object::opened(content)),
                (2..=4, Some(object)) => object.fields.extend(Some(Field::of(content)).filter(Field::lasts)),
                (_, Some(object)) => object.item(lasting(content)),
                (_, None) => {}
            }
        }
        dump
    }

    /// The items that stand right below the heading of a section.
    pub(super) fn section(&self, name: &str) -> Vec<String> {
        let heading = format!("------< {name} >------");
        self.of(&heading)
            .flat_map(|object| object.fields.iter().flat_map(|field| field.values.clone()))
            .collect()
    }

    /// The objects of a kind, in the order of the dump.
    pub(super) fn of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Object> {
        self.objects.iter().filter(move |object| object.kind == kind)
    }
}

impl Object {
    fn opened(line: &str) -> Self {
        let (kind, name) = split(line);
        Self { kind, name, fields: Vec::new() }
    }

    /// A heading, with one field for the items below it.
    fn section(line: &str) -> Self {
        let field = Field { key: String::new(), values: Vec::new() };
        Self { kind: line.to_owned(), name: String::new(), fields: vec![field] }
    }

    fn item(&mut self, item: &str) {
        if let Some(field) = self.fields.last_mut() {
            field.values.push(item.to_owned());
        }
    }

    /// `None` when the dump does not have the key.
    pub(super) fn values(&self, key: &str) -> Option<&[String]> {
        self.fields.iter().find(|field| field.key == key).map(|field| field.values.as_slice())
    }
}

impl Field {
    fn of(line: &str) -> Self {
        let (key, value) = split(line);
        Self { key, values: if value.is_empty() { Vec::new() } else { vec![value] } }
    }

    /// The address that a socket happened to take is of the moment.
    fn lasts(&self) -> bool {
        let configured = || self.values.iter().any(|value| value.ends_with("(from configuration)"));
        self.key != "Using src_ip" || configured()
    }
}

/// An item without the words that say what is in the kernel at the moment.
fn lasting(item: &str) -> &str {
    let words = [" set", " iptable_set", " nftable_set"];
    words.iter().fold(item, |item, word| item.strip_suffix(word).unwrap_or(item))
}

/// Key and value; counts such as `Virtual IP (2):` are no part of the key.
fn split(line: &str) -> (String, String) {
    if let Some((key, rest)) = SPACED.iter().find_map(|key| Some((key, line.strip_prefix(key)?))) {
        return ((*key).to_owned(), rest.trim().split(',').next().unwrap_or_default().to_owned());
    }
    let equals = line.split_once(" = ").or_else(|| line.strip_suffix(" =").map(|key| (key, "")));
    let (key, value) =
        equals.or_else(|| line.split_once(" : ")).or_else(|| line.split_once(':')).unwrap_or((line, ""));
    let key = key.trim_end();
    let key = key.rsplit_once(" (").filter(|(_, count)| count.ends_with(')')).map_or(key, |(key, _)| key);
    (key.to_owned(), value.trim().to_owned())
}
