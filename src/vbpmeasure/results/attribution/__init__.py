"""Attribution: to which provider a child belongs, as the payer says or as a written rule finds."""
