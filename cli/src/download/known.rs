//! Where the authorities publish: the official addresses, each under a name of ours.

use reqwest::Url;

/// A publication that has a name here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub(crate) name: &'static str,
    pub(crate) url: &'static str,
    /// What the authority calls the file.
    pub(crate) file: &'static str,
    pub(crate) what: &'static str,
}

/// The table. OFAC's Sanctions List Service answers with a redirect that is valid for an hour; the
/// address here is what stands as evidence. The token in the EU's address is the public one.
pub(crate) const KNOWN: [Known; 8] = [
    Known {
        name: "ofac-enhanced",
        url: "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/SDN_ENHANCED.XML",
        file: "SDN_ENHANCED.XML",
        what: "OFAC's SDN List with all dates: the best single file",
    },
    Known {
        name: "ofac-advanced",
        url: "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/SDN_ADVANCED.XML",
        file: "SDN_ADVANCED.XML",
        what: "OFAC's SDN List in its fullest form, some 120 MB",
    },
    Known {
        name: "ofac-sdn",
        url: "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/SDN.XML",
        file: "SDN.XML",
        what: "OFAC's SDN List in its oldest XML, without the persons' dates",
    },
    Known {
        name: "ofac-csv",
        url: "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/SDN.CSV",
        file: "SDN.CSV",
        what: "OFAC's SDN List as rows, cut at 1,000 characters: of no use without its comments",
    },
    Known {
        name: "ofac-csv-comments",
        url: "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/SDN_COMMENTS.CSV",
        file: "SDN_COMMENTS.CSV",
        what: "what SDN.CSV cuts off",
    },
    Known {
        name: "uk",
        url: "https://sanctionslist.fcdo.gov.uk/docs/UK-Sanctions-List.xml",
        file: "UK-Sanctions-List.xml",
        what: "the UK Sanctions List",
    },
    Known {
        name: "uk-csv",
        url: "https://sanctionslist.fcdo.gov.uk/docs/UK-Sanctions-List.csv",
        file: "UK-Sanctions-List.csv",
        what: "the UK Sanctions List as rows",
    },
    Known {
        name: "eu",
        url: "https://webgate.ec.europa.eu/fsd/fsf/public/files/xmlFullSanctionsList_1_1/content?token=dG9rZW4tMjAxNw",
        file: "xmlFullSanctionsList_1_1.xml",
        what: "the EU's consolidated financial sanctions list",
    },
];

/// The publication of this name.
pub(crate) fn by_name(name: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.name.eq_ignore_ascii_case(name))
}

/// Whether an address names one of OFAC's compressed files, which hold what the XML exports hold.
pub(crate) fn is_archive(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase();
    [".zip", ".gz", ".7z", ".tar"].iter().any(|ending| path.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_publication_has_a_secure_address_and_a_name_of_its_own() {
        for (index, known) in KNOWN.iter().enumerate() {
            let url: Url = known.url.parse().unwrap();
            assert_eq!(url.scheme(), "https", "{}", known.name);
            assert!(!is_archive(&url), "{}", known.name);
            assert!(KNOWN[..index].iter().all(|other| other.name != known.name));
            assert!(by_name(&known.name.to_uppercase()).is_some());
        }
        assert!(by_name("ofac").is_none());
    }

    #[test]
    fn archives_are_told_by_their_path() {
        let check = |url: &str, expected| assert_eq!(is_archive(&url.parse().unwrap()), expected);
        check("https://example.org/api/download/SDN_ENHANCED.ZIP", true);
        check("https://example.org/api/download/SDN_ENHANCED.XML?name=a.zip", false);
    }
}
