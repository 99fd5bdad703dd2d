//! A page as a tree, built by the parser of the HTML standard, with everything that the parser found wrong.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeBuilderOpts, TreeSink};
use html5ever::{Attribute, ExpandedName, LocalName, ParseOpts, QualName, ns};

/// An element; the document itself is one without a name, a comment one without anything.
pub struct Node {
    name: QualName,
    attributes: RefCell<Vec<Attribute>>,
    children: RefCell<Vec<Child>>,
}

enum Child {
    Node(Rc<Node>),
    Text(StrTendril),
}

impl Node {
    fn new(name: &str, attributes: Vec<Attribute>) -> Rc<Self> {
        Self::named(QualName::new(None, ns!(html), LocalName::from(name)), attributes)
    }

    fn named(name: QualName, attributes: Vec<Attribute>) -> Rc<Self> {
        Rc::new(Self { name, attributes: RefCell::new(attributes), children: RefCell::default() })
    }

    pub fn name(&self) -> &str {
        &self.name.local
    }

    pub fn attribute(&self, name: &str) -> Option<String> {
        self.attributes.borrow().iter().find(|a| &*a.name.local == name).map(|a| a.value.to_string())
    }

    pub fn attributes(&self) -> Vec<String> {
        self.attributes.borrow().iter().map(|a| a.name.local.to_string()).collect()
    }

    /// The elements right below.
    pub fn children(&self) -> Vec<Rc<Self>> {
        let children = self.children.borrow();
        let nodes = children.iter().filter_map(|child| if let Child::Node(node) = child { Some(Rc::clone(node)) } else { None });
        nodes.filter(|node| !node.name().is_empty()).collect()
    }

    /// All text below, as it stands there.
    pub fn text(&self) -> String {
        let one = |child: &Child| match child {
            Child::Node(node) => node.text(),
            Child::Text(text) => text.to_string(),
        };
        self.children.borrow().iter().map(one).collect()
    }

    /// Calls for every element below, with those that it stands in, outermost first.
    pub fn walk(self: &Rc<Self>, above: &mut Vec<Rc<Self>>, call: &mut impl FnMut(&Rc<Self>, &[Rc<Self>])) {
        for child in self.children() {
            call(&child, above);
            above.push(Rc::clone(&child));
            child.walk(above, call);
            above.pop();
        }
    }
}

/// A page and what is wrong with it, by line.
pub fn parse(html: &str) -> (Rc<Node>, Vec<String>) {
    let sink = Sink { document: Node::new("", Vec::new()), wrong: RefCell::default(), line: Cell::new(1) };
    // What stands in `noscript` is part of the page: it has to work without scripts.
    let tree_builder = TreeBuilderOpts { scripting_enabled: false, exact_errors: true, ..TreeBuilderOpts::default() };
    html5ever::parse_document(sink, ParseOpts { tree_builder, ..ParseOpts::default() }).one(html)
}

struct Sink {
    document: Rc<Node>,
    wrong: RefCell<Vec<String>>,
    line: Cell<u64>,
}

/// What moves nodes about happens only after an error has been said, and then the tree matters no more.
impl TreeSink for Sink {
    type Handle = Rc<Node>;
    type Output = (Rc<Node>, Vec<String>);
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) -> Self::Output {
        (self.document, self.wrong.into_inner())
    }

    fn parse_error(&self, message: Cow<'static, str>) {
        self.wrong.borrow_mut().push(format!("line {}: {message}", self.line.get()));
    }

    fn set_quirks_mode(&self, mode: QuirksMode) {
        if mode != QuirksMode::NoQuirks {
            self.parse_error("no doctype".into());
        }
    }

    fn set_current_line(&self, line: u64) {
        self.line.set(line);
    }

    fn get_document(&self) -> Rc<Node> {
        Rc::clone(&self.document)
    }

    fn elem_name<'a>(&'a self, target: &'a Rc<Node>) -> ExpandedName<'a> {
        target.name.expanded()
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, flags: ElementFlags) -> Rc<Node> {
        if flags.had_duplicate_attributes {
            self.parse_error(format!("the same attribute twice on <{}>", name.local).into());
        }
        Node::named(name, attributes)
    }

    fn create_comment(&self, _: StrTendril) -> Rc<Node> {
        Node::new("", Vec::new())
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Rc<Node> {
        Node::new("", Vec::new())
    }

    fn append(&self, parent: &Rc<Node>, child: NodeOrText<Rc<Node>>) {
        parent.children.borrow_mut().push(match child {
            NodeOrText::AppendNode(node) => Child::Node(node),
            NodeOrText::AppendText(text) => Child::Text(text),
        });
    }

    fn get_template_contents(&self, target: &Rc<Node>) -> Rc<Node> {
        Rc::clone(target)
    }

    fn same_node(&self, a: &Rc<Node>, b: &Rc<Node>) -> bool {
        Rc::ptr_eq(a, b)
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}
    fn append_based_on_parent_node(&self, _: &Rc<Node>, _: &Rc<Node>, _: NodeOrText<Rc<Node>>) {}
    fn append_before_sibling(&self, _: &Rc<Node>, _: NodeOrText<Rc<Node>>) {}
    fn add_attrs_if_missing(&self, _: &Rc<Node>, _: Vec<Attribute>) {}
    fn remove_from_parent(&self, _: &Rc<Node>) {}
    fn reparent_children(&self, _: &Rc<Node>, _: &Rc<Node>) {}
}
