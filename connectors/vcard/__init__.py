"""vCards: a .vcf file, or a folder of them.

``split`` finds the cards of a file, ``repair`` turns each into well-formed content lines, ``model`` gives
structured values vobject's types, and ``card`` makes a ``Contact`` of them. vobject never parses a card that
came from outside; ``docs/decisions/0001-vobject.md`` says why. ``write`` exports cards with vobject.
"""
