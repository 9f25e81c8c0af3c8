"""Two hundred job titles: whom the starter rule *owners* takes for an owner or the head of a firm."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from rules.engine import load
from rules.engine.judging.expressions import frame_schema
from rules.engine.judging.judge import judge
from tests.support.paths import ROOT

OWNERS = """\
Founder; Co-Founder; Cofounder & CTO; Founder/CEO; Founder & Creative Director; Owner; Co-Owner;
Owner-Operator; Business Owner; Salon Owner; Shop owner and baker; Owner, Hale Joinery; Proprietor;
Sole Proprietor; Managing Director; managing director (UK); Group Managing Director;
Joint Managing Director; Director & Owner; Chief Executive; Chief Executive Officer; CEO; CEO, EMEA;
Interim CEO; C-suite coach, founder of Blue; President & CEO; President; Partner; Equity Partner;
Managing Partner; Founding Partner; Senior Partner; Senior Partner, Litigation; Principal; Sole Trader;
Self-employed plumber; Freelance illustrator; Freelancer; MANAGING DIRECTOR; Owner / Principal Designer;
Architect and owner; Founder (2019); Serial founder; Restaurant Owner; Franchise owner; Part owner;
Managing Director and Head of Sales; Founder - Bristol Makers; CEO & Co-Founder; Owner/Manager;
Geschäftsführer; Geschäftsführerin; Geschaeftsfuehrer; Kaufmännischer Geschäftsführer; Inhaber; Inhaberin;
Inhaber und Schreinermeister; Gründer; Gründerin & CEO; Mitgründer; Mitgründerin;
Geschäftsführender Gesellschafter; Geschäftsführende Gesellschafterin; Vorstandsvorsitzender;
Vorstandsvorsitzende der Berg AG; Selbstständig; Gründer und Geschäftsführer; Alleininhaber, Inhaber;
GESCHÄFTSFÜHRER; Inhaber/Geschäftsführer; Friseurmeisterin, Inhaberin; Fondateur; Fondatrice; Co-fondateur;
Cofondatrice; Gérant; Gérante; Gérant associé; PDG; P.D.G. / PDG; Directeur général; Directrice générale;
Directeur Général Délégué; Propriétaire; Chef d'entreprise; Cheffe d’entreprise; Président; Présidente;
Fundador; Fundadora; Co-fundador; Cofundadora y CEO; Propietario; Propietaria; Dueño; Dueña del taller;
Director General; Directora General; Consejero Delegado; Consejera Delegada; Gerente General; Presidente;
Presidenta
"""
OTHERS = """\
HR Business Partner; Process Owner; Product Owner; Senior Product Owner; Vice President;
Vice-President Sales; Senior Vice President; Partner Manager; Channel Partner Manager; Partnerships Lead;
Head of Partnerships; Partner Success; Business Process Owner; Data Owner; Risk Owner; Service Owner;
System Owner; Budget Owner; Platform Owner; Asset Owner; Application Owner; Solution Owner; Content Owner;
Account Owner; Homeowner Adviser; Home-ownership Officer; Ownership Lead;
Assistant to the Managing Director; Executive Assistant to the CEO; PA to the Managing Director; EA to CEO;
Secretary to the Owner; Deputy Managing Director; Deputy Chief Executive; Chief of Staff to the CEO;
Office of the CEO; Assistant Chief Executive; Former CEO; Ex-Founder; Retired Managing Director;
Adviser to the founder; Founding Engineer; Foundry Manager; Foundation Manager; Founders' Hall Porter;
Sales Manager; Engineer; Head of Marketing; Architect; Teacher; Bookkeeper; Consultant; Director of Sales;
Sales Director; Finance Director; Creative Director; Non-Executive Director; Account Manager;
Office Manager; Operations Manager; General Manager; Chief Technology Officer; CFO; COO; Chief Nurse;
Business Development Manager; Customer Success Partner; Talent Partner; Learning Partner;
Finance Business Partner; Software Developer; Graphic Designer; Solicitor; Barrister; Accountant; Nurse;
Receptionist; Volunteer; Trustee; Student; Assistenz der Geschäftsführung; Assistentin des Geschäftsführers;
Sekretariat Geschäftsführer; Prokurist; Stellvertretender Geschäftsführer;
Stellvertretende Geschäftsführerin; Vertriebsleiter; Leiter Einkauf; Sachbearbeiterin;
Referent des Vorstandsvorsitzenden; Geschäftsstellenleiter; Geschäftsführung Assistenz; Inhaberverwaltung;
Assistante du PDG; Adjoint au directeur général; Ancien gérant; Directeur commercial;
Responsable des ventes; Chef de projet; Vice-président; Vicepresidente; Director de Ventas;
Asistente del director general; Adjunta a la directora general; Gerente de ventas; Jefa de compras; Socia
"""


def titles(text: str) -> list[str]:
    return [
        title for line in text.splitlines() for title in (one.strip() for one in line.split(";")) if title
    ]


@pytest.fixture(scope="module")
def taken() -> set[str]:
    """The titles that make somebody a target, judged by the starter rules in one go."""
    both = [*titles(OWNERS), *titles(OTHERS)]
    schema = {name: dtype for name, dtype in frame_schema("person").items() if name in ("id", "title")}
    judged = judge(
        load(ROOT / "rules"), pl.DataFrame({"id": both, "title": both}, schema=schema), date(2026, 11, 1)
    )
    return set(judged.frame.filter(pl.col("segments").list.contains("owners")).get_column("title"))


def test_there_are_two_hundred() -> None:
    assert len(set(titles(OWNERS))) >= 100
    assert len(set(titles(OTHERS))) >= 100


def test_owners_and_heads_of_firms_are_targets(taken: set[str]) -> None:
    assert [title for title in titles(OWNERS) if title not in taken] == []


def test_nobody_else_is(taken: set[str]) -> None:
    assert [title for title in titles(OTHERS) if title in taken] == []
